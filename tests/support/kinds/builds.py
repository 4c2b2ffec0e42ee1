"""Texts of build, deployment and settings files, each with the definitions that it contains."""

from __future__ import annotations

BUILDS: dict[str, tuple[str, str]] = {
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
