"""Small texts of each kind of file, and what each defines: qualified names with their lines, 1-based."""

from __future__ import annotations

KINDS: dict[str, tuple[str, str]] = {
    ".github/workflows/ci.yml": (
        """\
on:
  push:
jobs:
  build:
    runs-on: x
    steps:
      - run: |
          jobs:
  test:
    needs: build
""",
        """\
jobs.build:4
jobs.test:9
""",
    ),
    ".gitlab-ci.yml": (
        """\
stages: [a]
variables:
  X: 1
.base:
  script: x
build job:
  script:
    - make

deploy:
  stage: a
""",
        """\
.base:4
build job:6
deploy:10
""",
    ),
    "CMakeLists.txt": (
        """\
project(App VERSION 1)
# function(no)
add_library(core
  a.cpp
  b.cpp)
function(my_fn arg)
  if(x)
    message("function(no2")
  endif()
endfunction()
macro(my_mac)
endmacro()
add_test(NAME t1 COMMAND x)
add_custom_target(${X} y)
""",
        """\
App:1
core:3
my_fn:6
my_mac:11
t1:13
""",
    ),
    "Dockerfile": (
        """\
ARG X=1
FROM --platform=$P golang:1 AS build
RUN go build
FROM alpine
COPY --from=build / /
FROM alpine as final
RUN x
""",
        """\
build:2
final:6
""",
    ),
    "Makefile": (
        """\
CC := gcc
X = a:b
.PHONY: all clean
all: build \\
   test
	echo hi

	echo ho
build/%.o: %.c
	cc

clean test-it:
	rm
$(OUT): x
	y
define RUN
foo:
	bar
endef
install:: a ; echo
url: https://x
""",
        """\
all:4
build/%.o:9
clean:12
test-it:12
RUN:16
install:20
url:21
""",
    ),
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
    "a.graphql": (
        """\
\"\"\"
type No { }
\"\"\"
type Query {
  user(id: ID!,
    b: Int): User
  users: [User]
}
type User implements Node @key(fields: "id") {
  id: ID!
}
input Filter { a: Int }
enum E {
  A
}
union U = A | B
scalar Date
query GetUser(
  $id: ID!
) {
  user(id: $id) { id }
}
fragment F on User {
 id
}
extend type Query { more: Int }
directive @auth on FIELD
""",
        """\
Query:4
Query.user:5
Query.users:7
User:9
Filter:12
E:13
U:16
Date:17
GetUser:18
F:23
Query:26
auth:27
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
    "a.proto": (
        """\
syntax = "proto3";
package a.b;
// message No {}
message Order {
  string id = 1;
  enum State { A = 0; }
  message Line {
    int32 n = 1;
  }
  map<string, Line> lines = 2;
}
enum Kind
{
  X = 0;
}
service Orders {
  rpc Get(GetRequest) returns (Order);
  rpc Put (stream Order) returns (Order) {
    option (x) = { get: "/v1/{id}" };
  }
}
message Empty {}
""",
        """\
Order:4
Order.State:6
Order.Line:7
Kind:12
Orders:16
Orders.Get:17
Orders.Put:18
Empty:22
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
    "a.sql": (
        """\
-- create table no (x int);
CREATE TABLE IF NOT EXISTS public.users (
  id int, -- ;
  name text DEFAULT 'a;'
);
create or replace view "v users" as select 1;
CREATE OR REPLACE FUNCTION public.add(a int) RETURNS int AS $$
BEGIN
  create table inner_no (x int);
  return a;
END;
$$ LANGUAGE plpgsql;
CREATE
 TRIGGER trg BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();
CREATE TYPE mood AS ENUM ('a');
CREATE UNIQUE INDEX idx_a ON t (a);
ALTER TABLE x ADD y int;
CREATE PROCEDURE [dbo].[GetAll] @x int
AS
BEGIN
  SELECT 1;
  SELECT 2;
END
GO
SELECT 1;
""",
        """\
public.users:2
v users:6
public.add:7
trg:14
mood:15
idx_a:16
dbo.GetAll:18
""",
    ),
    "a.tf": (
        """\
# resource "no" "no" {}
terraform {
  required_version = "1"
}
resource "aws_s3_bucket" "logs" {
  bucket = "${var.name["x"]}-logs"
  dynamic "rule" {
    for_each = []
  }
}
data "aws_ami" "ubuntu" {
}
module "vpc" { source = "./vpc" }
variable "region" {
  default = <<EOF
 { }
EOF
}
output "id" {
 value = 1
}
locals {
  tags = {
    a = 1
  }
  name = "x"
}
job "web" {
 group "g" {
  task "t" {
  }
 }
}
""",
        """\
aws_s3_bucket.logs:5
aws_ami.ubuntu:11
vpc:13
region:14
id:19
tags:23
name:26
web:28
web.g:29
web.g.t:30
""",
    ),
    "api.yaml": (
        """\
openapi: 3.0.0
paths:
  /users/{id}:
    get:
      x: 1
  /pets:
    post: 1
components:
  schemas: 1
""",
        """\
paths./users/{id}:3
paths./pets:6
""",
    ),
    "b.sql": (
        """\
DELIMITER $$
CREATE PROCEDURE p1(IN a INT)
BEGIN
  SELECT 1;
  SELECT 2;
END$$
CREATE TRIGGER t1 BEFORE INSERT ON x FOR EACH ROW
BEGIN
 SET x=1;
END$$
DELIMITER ;
CREATE TABLE `a`.`b` (x int);
""",
        """\
p1:2
t1:7
a.b:12
""",
    ),
    "deployment.yaml": (
        """\
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    name: no
  name: web
spec: 1
---
kind: Service
apiVersion: v1
metadata:
  name: "web-svc" # x
""",
        """\
Deployment.web:6
Service.web-svc:12
""",
    ),
    "docker-compose.yml": (
        """\
version: "3"
services:
  # web
  web:
    image: x
    ports:
      - "80:80"

  "db":
    image: y
volumes:
  data:
""",
        """\
services.web:4
services.db:9
""",
    ),
    "justfile": (
        """\
set shell := ["bash"]
x := "1"
build target="a": clean
    cargo build

    done
@clean:
    rm
""",
        """\
build:3
clean:7
""",
    ),
    "notes.ipynb": (
        """\
{
 "cells": [
  {
   "cell_type": "markdown",
   "metadata": {},
   "source": [
    "# Freight\\n",
    "\\n",
    "## Totals"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "metadata": {},
   "outputs": [
    {
     "data": {
      "text/plain": [
       "an output"
      ]
     }
    }
   ],
   "source": [
    "%matplotlib inline\\n",
    "def total(p):\\n",
    "    return p.weight * 3\\n",
    "\\n",
    "class Parcel:\\n",
    "    def weigh(self): pass"
   ]
  },
  {
   "cell_type": "code",
   "metadata": {},
   "outputs": [],
   "source": [
    "%%bash\\n",
    "foo() { ls; }"
   ]
  },
  {
   "cell_type": "code",
   "metadata": {},
   "outputs": [],
   "source": "LIMIT = 3"
  }
 ],
 "metadata": {
  "kernelspec": {
   "language": "python"
  }
 },
 "nbformat": 4
}
""",
        """\
Freight:7
Freight.Totals:9
total:27
Parcel:30
Parcel.weigh:31
LIMIT:47
""",
    ),
    "package.json": (
        """\
{
  "name": "x",
  "scripts": {
    "build": "tsc -p . && echo \\"}\\"",
    "test:unit": "vitest"
  },
  "deps": {"a": {"scripts": {"no": 1}}}
}
""",
        """\
scripts.build:4
scripts.test:unit:5
""",
    ),
    "pyproject.toml": (
        """\
[project]
name = "x"
deps = [
  "a[x]",
  "b",
]
[project.scripts]
ck = "a:main"
"other" = "b"
[tool.ruff.lint]
select = ["ALL"]
[[tool.mypy.overrides]]
module = \"\"\"
[no]
\"\"\"
[tool."a.b".c] # hi
""",
        """\
project:1
project.scripts:7
project.scripts.ck:8
project.scripts.other:9
tool.ruff.lint:10
tool.mypy.overrides:12
tool.a.b.c:16
""",
    ),
}
