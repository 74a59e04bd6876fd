"""Registers: records somebody is responsible for, declared in YAML, never overwritten."""
