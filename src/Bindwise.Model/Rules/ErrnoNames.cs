using System.Globalization;

namespace Bindwise.Model.Rules;

/// <summary>Linux's errno numbers by name (asm-generic/errno.h), as far as bind() and listen() return them.</summary>
public static class ErrnoNames
{
    /// <summary>The name; <c>ok</c> for 0; <c>errno N</c> for a number that no bind() is known to return.</summary>
    public static string Of(int errno) => errno switch
    {
        0 => "ok",
        1 => "EPERM",
        2 => "ENOENT",
        12 => "ENOMEM",
        13 => "EACCES",
        17 => "EEXIST",
        19 => "ENODEV",
        20 => "ENOTDIR",
        22 => "EINVAL",
        23 => "ENFILE",
        24 => "EMFILE",
        28 => "ENOSPC",
        30 => "EROFS",
        36 => "ENAMETOOLONG",
        38 => "ENOSYS",
        40 => "ELOOP",
        92 => "ENOPROTOOPT",
        93 => "EPROTONOSUPPORT",
        95 => "EOPNOTSUPP",
        97 => "EAFNOSUPPORT",
        98 => "EADDRINUSE",
        99 => "EADDRNOTAVAIL",
        105 => "ENOBUFS",
        _ => string.Create(CultureInfo.InvariantCulture, $"errno {errno}"),
    };
}
