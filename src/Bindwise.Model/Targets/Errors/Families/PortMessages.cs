namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Development servers that name a port alone.</summary>
internal static class PortMessages
{
    private const string InUse = "EADDRINUSE";

    public static readonly Phrase[] Phrases =
    [
        new("Failed to start server. Is port ", RuntimeProfiles.Bun) { With = "in use" },
        new("Port ", RuntimeProfiles.PythonReusing) { With = "is in use by another program", Errno = InUse },
        new("Port ", RuntimeProfiles.Node) { With = "is in use, trying", Errno = InUse },
        new("Port ", RuntimeProfiles.Node) { With = "using available port", Errno = InUse },
        new("Unable to find an available port (tried ", RuntimeProfiles.Node) { IsPortNext = true, Errno = InUse },
        new("was picked because ", RuntimeProfiles.Node) { IsPortNext = true, With = "is in use", Errno = InUse },
        new("couldn't find an open port between ", RuntimeProfile.Unknown) { IsPortNext = true, Protocol = Protocol.Udp, Errno = InUse },
        new("Tried to connect to port ", RuntimeProfiles.PythonLibrary) { With = "address is in use", Errno = InUse },
        new("Cannot find empty port in range: ", RuntimeProfiles.PythonLibrary) { IsRangeNext = true, Errno = InUse },
        new("Something is already running on port ", RuntimeProfiles.Node) { Errno = InUse },
    ];
}
