namespace Bindwise.Linux.Native;

/// <summary>Where a path may lead (openat2(2), linux/openat2.h).</summary>
[Flags]
internal enum PathBounds : ulong
{
    None = 0,

    /// <summary>RESOLVE_NO_XDEV: not onto another mount.</summary>
    OneMount = 1,

    /// <summary>RESOLVE_NO_MAGICLINKS: not through the links of /proc.</summary>
    NoMagicLinks = 2,

    /// <summary>RESOLVE_NO_SYMLINKS: through no symbolic link.</summary>
    NoSymlinks = 4,

    /// <summary>RESOLVE_BENEATH: not out of the folder in which it starts, nor onto another mount.</summary>
    Beneath = 8 | NoMagicLinks | OneMount,

    /// <summary>RESOLVE_IN_ROOT: the folder in which it starts is taken for the root, and no other mount is entered.</summary>
    InRoot = 0x10 | NoMagicLinks | OneMount,
}
