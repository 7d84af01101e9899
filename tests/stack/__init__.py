"""Whole programs over TCP, gRPC and PostgreSQL, used through mail clients that are not ours."""
