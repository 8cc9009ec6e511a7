namespace Bindwise.Diagnostics;

/// <summary>
/// For which program it is to be answered. A process, a unit and a container exclude each other and what they bring along: user and network
/// namespace.
/// </summary>
public sealed record SubjectSelector
{
    /// <summary>--user: a name of /etc/passwd or a number; null for the caller's own.</summary>
    public string? User { get; init; }

    /// <summary>--netns: a process id, a name under /run/netns or the path of a namespace file; null for the caller's own.</summary>
    public string? Network { get; init; }

    /// <summary>--pid: a process id; null for none.</summary>
    public string? Process { get; init; }

    /// <summary>--unit: a systemd unit, <c>.service</c> where no kind is told; null for none.</summary>
    public string? Unit { get; init; }

    /// <summary>--container: the beginning of an id, or a name; null for none.</summary>
    public string? Container { get; init; }

    /// <summary>
    /// The thread of <see cref="Process"/> whose user, rights and namespaces count, by its number; null for the first one.
    /// </summary>
    internal int? Thread { get; init; }

    /// <summary>The process ends by what it is asked about: who asks again asks for its user.</summary>
    internal bool IsEnding { get; init; }

    /// <summary>Nothing is told: the caller itself.</summary>
    public bool IsCaller => User is null && Network is null && Process is null && Unit is null && Container is null;

    /// <summary>As it stands on a command line.</summary>
    public override string ToString()
    {
        (string Option, string? Value)[] given =
            [("--user", User), ("--netns", Network), ("--pid", Process), ("--unit", Unit), ("--container", Container)];
        return string.Join(' ', given.Where(static one => one.Value is not null).Select(static one => $"{one.Option} {one.Value}"));
    }
}
