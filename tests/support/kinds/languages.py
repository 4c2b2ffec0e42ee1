"""Texts in further programming languages, each with the definitions that it contains."""

from __future__ import annotations

LANGUAGES: dict[str, tuple[str, str]] = {
    "a.R": (
        """\
foo <- function(x, y = 2) {
  x
}
bar = function(z) z
setClass("P", representation(name="character"))
setMethod("show", "P", function(object) 1)
G <- R6Class("G", public = list(run = function() 1))
limit <- 3
""",
        """\
foo:1
bar:4
P:5
show:6
G:7
G.run:7
limit:8
""",
    ),
    "a.clj": (
        """\
(ns a.b (:require [c]))
(defn foo "doc" [x] x)
(defn- bar [] 1)
(def x 1)
(defmacro m [& b] b)
(defprotocol P (run [this]))
(defrecord R [a] P (run [this] 1))
(defmulti mm :k)
(defmethod mm :a [_] 1)
(def ^:private y 2)
(deftest t-test (is 1))
""",
        """\
a.b:1
foo:2
bar:3
x:4
m:5
P:6
P.run:6
R:7
R.run:7
mm:8
mm:9
y:10
t-test:11
""",
    ),
    "a.dart": (
        """\
class A extends B with C {
  final int x;
  A(this.x);
  A.named(this.x);
  factory A.make() => A(1);
  void m() { }
  int get g => 1;
  set s(int v) {}
  operator ==(o) => true;
 static int st() { return 1; }
}
void top(int a) {
  1;
}
mixin M on A { void z() {} }
extension Ext on String { int y() => 1; }
enum E { a, b }
typedef F = int Function();
const k = 1;
abstract class Q { void abs(); }
""",
        """\
A:1
A.A:3
A.named:4
A.make:5
A.m:6
A.g:7
A.s:8
A.operator==:9
A.st:10
top:12
M:15
M.z:15
Ext:16
Ext.y:16
E:17
F:18
k:19
Q:20
Q.abs:20
""",
    ),
    "a.erl": (
        """\
-module(m).
-export([f/1]).
-record(st, {a, b}).
-define(MAX, 3).
-define(SQ(X), X*X).
-type t() :: int().
-spec f(int()) -> int().
f(0) -> 1;
f(X) -> X.
g() -> ok.
-callback init(A) -> ok.
""",
        """\
m:1
st:3
MAX:4
SQ:5
t:6
f:8
g:10
init:11
""",
    ),
    "a.jl": (
        """\
module M
struct P{T} <: Q
  x::T
end
mutable struct R end
abstract type Z end
foo(x) = x + 1
function bar(a::Int)::Int where T
 a
end
function Base.show(io::IO, p::P)
end
macro mac(x)
end
const C = 1
@inline f2(x) where {T} = x
primitive type W 8 end
end
""",
        """\
M:1
M.P:2
M.R:5
M.Z:6
M.foo:7
M.bar:8
M.Base.show:11
M.mac:13
M.C:15
M.f2:16
M.W:17
""",
    ),
    "a.m": (
        """\
@interface Foo : NSObject <P>
@property (nonatomic) int x;
- (void)run:(int)a with:(int)b;
+ (id)make;
@end
@implementation Foo
- (void)run:(int)a with:(int)b {
  int x;
}
+ (id)make { return nil; }
@end
@protocol P
- (void)q;
@end
static int f(int a) { return 1; }
@interface Foo (Cat)
@end
""",
        """\
Foo:1
Foo.x:2
Foo.run:with::3
Foo.make:4
Foo:6
Foo.run:with::7
Foo.make:10
P:12
P.q:13
f:15
Foo:16
""",
    ),
    "a.ml": (
        """\
module M = struct
  type t = A | B
  let f x = x
end
let rec g a b = a
and h c = c
let v = 1
class c = object method m = 1 end
module type S = sig val x : int end
exception E of int
external ext : int -> int = "e"
let () = print "x"
""",
        """\
M:1
M.t:2
M.f:3
g:5
h:6
v:7
c:8
c.m:8
S:9
S.x:9
E:10
ext:11
""",
    ),
    "a.mli": (
        """\
val f : int -> int
type t = int
module M : sig
 val g : t
end
external e : int -> int = "x"
exception E
""",
        """\
f:1
t:2
M:3
M.g:4
e:6
E:7
""",
    ),
    "a.pl": (
        """\
package Foo::Bar;
use strict;
sub new {
 my $x = 1;
}
sub _p($a) { 1 }
our $V = 1;
use constant PI => 3;
use constant { A => 1, B => 2 };
package Other { sub q { } }
my $cb = sub { 1 };
1;
""",
        """\
Foo::Bar:1
Foo::Bar.new:3
Foo::Bar._p:6
Foo::Bar.PI:8
Foo::Bar.A:9
Foo::Bar.B:9
Other:10
Other.q:10
""",
    ),
    "a.ps1": (
        """\
function Get-Foo {
 param($x)
 1
}
filter Bar { $_ }
class C : B {
 [int]$X
 C([int]$x) { }
 [int] M() { return 1 }
}
enum E { A
 B }
function script:Baz() { }
""",
        """\
Get-Foo:1
Bar:5
C:6
C.X:7
C.C:8
C.M:9
E:11
Baz:13
""",
    ),
}
