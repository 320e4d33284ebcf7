"""A function that does not parse."""


def handler(event, context)
    return event
