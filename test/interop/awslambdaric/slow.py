"""Takes longer to load than Init may."""

import time

time.sleep(12)


def handler(event, _context):
    return event
