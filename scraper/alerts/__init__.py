"""Alerts: what happens in the archive is told to an operator; see `config/alerts.toml`.

rules.py       the file, checked
conditions.py  what happens outside the archive's tables (archive/alert_events.py: within)
messages.py    wording, signature, back-off, quiet hours: pure
sinks.py       one attempt to send one message
dispatcher.py  a round: queue what happened, send what is due (archive/alerts.py: the queue)
"""
