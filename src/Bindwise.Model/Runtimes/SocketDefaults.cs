namespace Bindwise.Model.Runtimes;

/// <summary>What a program does to its sockets before bind() on Linux, unless told otherwise. Null: not known, or not always.</summary>
internal record SocketDefaults
{
    /// <summary>It sets SO_REUSEADDR on its TCP listeners.</summary>
    public bool? ReuseAddress { get; init; }

    /// <summary>It sets SO_REUSEPORT on its TCP listeners.</summary>
    public bool? ReusePort { get; init; }

    /// <summary>It sets IPV6_V6ONLY so when it binds [::].</summary>
    public bool? V6OnlyAtWildcard { get; init; }

    /// <summary>It sets IPV6_V6ONLY so when it binds any other IPv6 address.</summary>
    public bool? V6OnlyElsewhere { get; init; }

    /// <summary>It opens one dual-stack socket where the text says 0.0.0.0.</summary>
    public bool? AnyIPv4IsDualStack { get; init; }

    /// <summary>It sets no option on UDP sockets.</summary>
    public bool LeavesUdpPlain { get; init; }
}
