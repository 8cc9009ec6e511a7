namespace Bindwise.Model.Platforms.Matrices;

[Flags]
internal enum MatrixOptions : byte
{
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
