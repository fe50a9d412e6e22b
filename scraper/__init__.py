"""Collects, cleans and archives web articles in English and Chinese, and remembers every edit."""
