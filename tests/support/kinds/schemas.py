"""Texts of schemas, interfaces and infrastructure, each with the definitions that it contains."""

from __future__ import annotations

SCHEMAS: dict[str, tuple[str, str]] = {
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
}
