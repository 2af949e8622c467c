"""Our errors at an HTTP door: the status of each kind."""

from kit.errors import Kind

STATUS = {
    Kind.INVALID: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.REFUSED: 409,
    Kind.BUSY: 409,
    Kind.THROTTLED: 429,
    Kind.UNAVAILABLE: 503,
}
