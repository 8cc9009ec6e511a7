namespace Bindwise.Diagnostics;

/// <summary>The operating systems whose answers and tools differ.</summary>
internal enum HostSystem : byte
{
    /// <summary>Linux, where it was asked through .NET alone (<c>--portable</c>).</summary>
    Linux,

    MacOS,

    Windows,

    /// <summary>Another one: a BSD, illumos.</summary>
    Other,
}
