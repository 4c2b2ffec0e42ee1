"""Who may do what."""

import hashlib
import hmac
import secrets
import time


def hash_password(password, salt=None):
    """Scrypt with a salt of its own for each user; the salt is kept in front of the digest."""
    salt = salt or secrets.token_bytes(16)
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)


def verify_password(password, stored):
    """Compare in constant time, so that the time taken tells nothing."""
    return hmac.compare_digest(hash_password(password, stored[:16]), stored)


class SessionTokens:
    """Signed tokens that expire; nothing is kept on the server."""

    def __init__(self, key, lifetime_s=3600, clock=time.time):
        self._key = key
        self._lifetime_s = lifetime_s
        self._clock = clock

    def issue(self, user):
        """A token for somebody who has just logged in."""
        body = f"{user}.{int(self._clock()) + self._lifetime_s}"
        return f"{body}.{self._sign(body)}"

    def user_of(self, token):
        """Whose token this is, or None when it is forged or too old."""
        body, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature, self._sign(body)):
            return None
        user, _, expires = body.rpartition(".")
        return user if int(expires) > self._clock() else None

    def _sign(self, body):
        return hmac.new(self._key, body.encode(), hashlib.sha256).hexdigest()
