namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Development servers that name a port alone.</summary>
internal static class PortMessages
{
    private const string InUse = "EADDRINUSE";

    public static readonly Phrase[] Phrases =
    [
        new("Failed to start server. Is port ", Origins.Bun) { With = "in use" },
        new("Port ", Origins.PythonReusing) { With = "is in use by another program", Errno = InUse },
        new("Port ", Origins.Node) { With = "is in use, trying", Errno = InUse },
        new("Port ", Origins.Node) { With = "using available port", Errno = InUse },
        new("Something is already running on port ", Origins.Node) { Errno = InUse },
    ];
}
