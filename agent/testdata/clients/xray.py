"""A program traced by the X-Ray SDK for Python, which samples by the rules of the account.

    python3 xray.py NAME PATH...

NAME is the service's. Segments go to AWS_XRAY_DAEMON_ADDRESS by UDP; its TCP side is asked for rules and targets, when this program says, not by the
SDK's threads. For each request it writes its path and, where it is sampled, the ids of its trace and segment; at the end what
it was assigned.
"""

import logging
import sys
import time

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models.trace_header import TraceHeader
from aws_xray_sdk.ext.util import calculate_sampling_decision

logging.basicConfig(level=logging.WARNING)
name, *paths = sys.argv[1:]
xray_recorder.configure(service=name, sampling=True)
sampler = xray_recorder.sampler
sampler._started = True
sampler._cache.rules = sampler._connector.fetch_sampling_rules()
sampler._cache.last_updated = int(time.time())


def serve(path):
    request = {"host": "shop.example", "method": "GET", "path": path, "service": name}
    decision = calculate_sampling_decision(TraceHeader(), xray_recorder, request)
    segment = xray_recorder.begin_segment(name, sampling=decision)
    if isinstance(decision, str):
        segment.set_rule_name(decision)
    segment.put_http_meta("method", "GET")
    segment.put_http_meta("url", f"https://shop.example{path}")
    segment.put_annotation("tenant", "blue")
    try:
        with xray_recorder.in_subsegment("charge", namespace="remote") as subsegment:
            subsegment.put_metadata("card", {"kind": "debit"})
            raise ValueError("card refused")
    except ValueError:
        segment.put_http_meta("status", 502)
    print(path, segment.trace_id if segment.sampled else "-", segment.id)
    xray_recorder.end_segment()


for path in paths:
    serve(path)
targets, _ = sampler._connector.fetch_sampling_target([r for r in sampler._cache.rules if r.ever_matched()])
for rule, target in sorted(targets.items()):
    print("target", rule, target["quota"], target["rate"])
