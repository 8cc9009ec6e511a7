namespace Bindwise.Model.Platforms.Matrices;

/// <summary>The options of a socket in a matrix.</summary>
[Flags]
internal enum MatrixOptions : byte
{
    /// <summary>Sets none of these options.</summary>
    None = 0,

    /// <summary>Sets SO_REUSEADDR before bind().</summary>
    ReuseAddress = 1,

    /// <summary>Sets SO_REUSEPORT before bind().</summary>
    ReusePort = 2,

    /// <summary>Sets SO_REUSEPORT_LB before bind() (FreeBSD).</summary>
    ReusePortBalanced = 4,

    /// <summary>Sets SO_EXCLUSIVEADDRUSE (Windows) or SO_EXCLBIND (illumos) before bind().</summary>
    Exclusive = 8,
}
