"""An application of WSGI for gunicorn."""


def application(environment, start_response):
    start_response("200 OK", [("Content-Length", "0")])
    return []
