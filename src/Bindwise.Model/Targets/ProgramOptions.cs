namespace Bindwise.Model.Targets;

/// <summary>How the program in question binds, as the user tells it on the command line. Null: not told.</summary>
internal sealed record ProgramOptions
{
    /// <summary>--reuse-address: it sets SO_REUSEADDR before bind().</summary>
    public bool? ReuseAddress { get; init; }

    /// <summary>--reuse-port: it sets SO_REUSEPORT before bind().</summary>
    public bool? ReusePort { get; init; }

    /// <summary>--v6-only (true) or --dual-stack (false): it sets IPV6_V6ONLY so.</summary>
    public bool? V6Only { get; init; }

    /// <summary>--device: it binds to this interface (SO_BINDTODEVICE).</summary>
    public string? Device { get; init; }

    /// <summary>It sets IP_FREEBIND before bind(), and so may bind an address that no interface has.</summary>
    public bool Freebind { get; init; }

    /// <summary>No options: a plain bind().</summary>
    public static ProgramOptions None { get; } = new();

    /// <summary>Those that are set, by the names that socket(7), ip(7) and ipv6(7) give them.</summary>
    public IEnumerable<string> Names()
    {
        if (ReuseAddress == true)
            yield return "SO_REUSEADDR";
        if (ReusePort == true)
            yield return "SO_REUSEPORT";
        if (V6Only == true)
            yield return "IPV6_V6ONLY";
        if (Device is not null)
            yield return "SO_BINDTODEVICE";
        if (Freebind)
            yield return "IP_FREEBIND";
    }
}
