using Bindwise.Model.Targets;

namespace Bindwise.Supervising;

/// <summary>A call of a supervised program that its socket's address refused.</summary>
/// <param name="Process">Whose call it was, as the supervisor's PID namespace numbers it.</param>
/// <param name="Name">What the kernel calls it; any bytes that the program chose.</param>
/// <param name="Endpoint">What was to be bound, or listened on; nothing of UNIX.</param>
/// <param name="Error">The errno's name, as <c>EADDRINUSE</c>.</param>
internal sealed record RefusedCall(int Process, string Name, Protocol Protocol, IpEndpoint Endpoint, string Error)
{
    /// <summary>Of UNIX: the whole path, or <c>@name</c>; any text that the program chose. Null for TCP and UDP.</summary>
    public string? Path { get; init; }

    public int Thread { get; init; }

    /// <summary>The program that is supervised, of which the process is a descendant or itself.</summary>
    public int Program { get; init; }

    /// <summary>Of a second bind() of one socket: where the first one bound it; null for every other call.</summary>
    public IpEndpoint? Bound { get; init; }

    public bool IsListen { get; init; }

    /// <summary>An interface's index for a link-local address; 0 for none.</summary>
    public uint Scope { get; init; }

    public ProgramOptions Options { get; init; } = ProgramOptions.None;

    /// <summary>Its user or its network namespace is not the supervisor's.</summary>
    public bool IsElsewhere { get; init; }

    /// <summary>The call still waits: what was read of its thread until now is of that thread.</summary>
    public Func<bool> StillStands { get; init; } = static () => true;
}
