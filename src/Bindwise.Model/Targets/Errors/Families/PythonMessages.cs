namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Python's libraries: what they add to <c>OSError: [Errno 98] Address already in use</c>, which names no address itself.</summary>
internal static class PythonMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("error while attempting to bind on address ", Origins.Asyncio),
        new("Connection in use: ", Origins.PythonReusing with { Program = "gunicorn" }) { Errno = "EADDRINUSE" },
        new("Invalid address: ", Origins.PythonReusing with { Program = "gunicorn" }) { With = "('", Errno = "EADDRNOTAVAIL" },
        new("[ERROR] Can't connect to ", Origins.PythonReusing with { Program = "gunicorn" }) { With = "('", Rank = FindingRank.Lesser },
        new("Couldn't listen on ", Origins.PythonReusing) { With = "[Errno " },
        new("OSError: Address ", Origins.Asyncio) { With = "is already in use", Errno = "EADDRINUSE" },
    ];
}
