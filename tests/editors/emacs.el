;;; emacs.el --- Test script that runs in Emacs with the documented module and writes its observations to $SEEN -*- lexical-binding: t; -*-

(require 'json)
(package-initialize) ; batch mode does not load packages of the distribution
(setq make-backup-files nil create-lockfiles nil user-emacs-directory (file-name-as-directory (getenv "HOME")))
(load (getenv "MODULE") nil t)
(setq codekin-command (list (getenv "PYTHON") "-m" "codekin" "serve"))

(defvar deadline-s 120 "Limit for one condition in seconds, generous because the machine may be busy.")
(setq jrpc-default-request-timeout deadline-s)
(defvar seen (list (cons 'version emacs-version)))

(defun saw (key value)
  (push (cons key value) seen))

(defun wait-for (what condition)
  "Call CONDITION until it is true and return its value, or fail for WHAT."
  (let ((end (+ (float-time) deadline-s)) value)
    (while (not (setq value (funcall condition)))
      (when (> (float-time) end)
        (error "Timed out waiting for %s" what))
      (accept-process-output nil 0.05))
    value))

(defun wait-until-ready (ask)
  "Wait until ASK, which requests codekin/status, reports that the index is ready."
  (wait-for "the index" (lambda () (equal (codekin--get (funcall ask) :state) "ready"))))

(defun in-xref-buffer (command)
  "Return the lines of the xref buffer after COMMAND, and the location of its first item."
  (funcall command)
  (with-current-buffer "*xref*"
    (let ((lines (split-string (buffer-substring-no-properties (point-min) (point-max)) "\n" t)))
      (goto-char (point-min))
      (xref-next-line)
      (xref-goto-xref)
      (list (cons 'lines (vconcat lines))
            (cons 'place (vector (file-relative-name buffer-file-name (getenv "WORKSPACE")) (line-number-at-pos)))))))

(defun visit (file line)
  (find-file (expand-file-name file (getenv "WORKSPACE")))
  (goto-char (point-min))
  (forward-line (1- line)))

(defun in-past-buffer (query)
  "Return the first row of the xref buffer for QUERY, and the buffer that it opens."
  (visit "api/parcelpost/carriers.py" 14)
  (wait-for query (lambda () (codekin--get (codekin--request "codekin/search" (list :query query)) :results)))
  (codekin-search query)
  (with-current-buffer "*xref*"
    (goto-char (point-min))
    (xref-next-line)
    (let ((row (buffer-substring-no-properties (line-beginning-position) (line-end-position))))
      (xref-goto-xref)
      (list (cons 'row row)
            (cons 'group (with-current-buffer "*xref*"
                           (buffer-substring-no-properties (point-min) (progn (goto-char (point-min)) (line-end-position)))))
            (cons 'mode (symbol-name major-mode))
            (cons 'line (buffer-substring-no-properties (line-beginning-position) (line-end-position)))
            (cons 'text (buffer-substring-no-properties (point-min) (point-max)))))))

(defun search-and-related ()
  (saw 'pull-request (in-past-buffer "kind:pr"))
  (saw 'commit (in-past-buffer "parcel kind:commit"))
  (saw 'revision (in-past-buffer "retry lang:python at:HEAD"))
  (saw 'folder (in-past-buffer "webhooks kind:directory"))
  (visit "api/parcelpost/carriers.py" 14)
  (saw 'search (in-xref-buffer (lambda () (codekin-search "where is the retry logic?"))))
  (visit "api/parcelpost/carriers.py" 14)
  (saw 'related (in-xref-buffer (lambda () (call-interactively #'codekin-related))))
  (visit "api/parcelpost/carriers.py" 14)
  (saw 'nothing (condition-case failure
                    (codekin--show "codekin/search" '(:query "qqzzqq" :mode "literal"))
                  (user-error (error-message-string failure)))))

(defun xref-places (xrefs)
  (vconcat (mapcar (lambda (item)
                     (let ((location (xref-item-location item)))
                       (vector (substring-no-properties (xref-item-summary item))
                               (file-relative-name (xref-location-group location) (getenv "WORKSPACE"))
                               (xref-location-line location))))
                   xrefs)))

(defun see-alone ()
  (visit "README.md" 1)
  (let ((server (codekin--own-server)))
    (wait-until-ready (lambda () (jsonrpc-request server :codekin/status (make-hash-table))))
    (search-and-related)
    (saw 'servers (length codekin--connections))))

(defun see-eglot ()
  (codekin-setup-eglot 'python-mode)
  (setq eglot-sync-connect deadline-s eglot-connect-timeout deadline-s)
  (visit "api/parcelpost/carriers.py" 14)
  (apply #'eglot (eglot--guess-contact))
  (let ((server (wait-for "the server" #'eglot-current-server)) hover)
    (wait-until-ready (lambda () (jsonrpc-request server :codekin/status (make-hash-table))))
    (switch-to-buffer (current-buffer))
    (eglot-hover-eldoc-function (lambda (text &rest _) (setq hover text)))
    (saw 'hover (substring-no-properties (wait-for "hover" (lambda () hover))))
    (saw 'symbols (xref-places (xref-backend-apropos 'eglot "call_with_retry")))
    (search-and-related)
    (saw 'servers (length codekin--connections))
    (eglot-shutdown server)))

(defun see-lsp-mode ()
  (codekin-setup-lsp-mode)
  (setq lsp-enabled-clients '(codekin)
        lsp-auto-guess-root t
        lsp-enable-file-watchers nil
        lsp-response-timeout deadline-s
        lsp-session-file (expand-file-name "lsp-session" (getenv "HOME"))
        lsp-progress-function (lambda (_workspace params)
                                (push (codekin--get (codekin--get params :value) :kind) (alist-get 'progress seen))))
  (visit "api/parcelpost/carriers.py" 14)
  (lsp)
  (let ((workspace (wait-for "the server" #'codekin--lsp-workspace)))
    (wait-for "the attached buffer" (lambda () (eq (lsp--workspace-status workspace) 'initialized)))
    ;; First, and without requests meanwhile: the answer of `lsp-request' is a throw out of the process filter, so the messages
    ;; that were read together with it are lost.
    (wait-for "the end of the progress" (lambda () (equal (car (alist-get 'progress seen)) "end")))
    (wait-until-ready (lambda () (codekin--request "codekin/status" nil)))
    (saw 'hover (codekin--get (codekin--get (lsp-request "textDocument/hover" (lsp--text-document-position-params))
                                            :contents)
                              :value))
    (saw 'symbols (xref-places (xref-backend-apropos 'xref-lsp "call_with_retry")))
    (search-and-related)
    (saw 'servers (length codekin--connections))))

(let ((status 0))
  (condition-case failure
      (let ((client (intern (getenv "CLIENT"))))
        (if (or (eq client 'alone) (require client nil t))
            (funcall (intern (format "see-%s" client)))
          (saw 'missing (symbol-name client))))
    (error (saw 'failure (error-message-string failure))
           (setq status 1)))
  (with-temp-file (getenv "SEEN")
    (insert (json-encode seen)))
  (kill-emacs status))
;;; emacs.el ends here
