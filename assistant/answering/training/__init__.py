"""Judged and labelled examples → what the stages weigh with: `learn` and `calibrate`. Nothing that answers imports it."""
