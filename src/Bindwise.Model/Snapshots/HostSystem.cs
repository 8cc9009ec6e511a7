namespace Bindwise.Model.Snapshots;

/// <summary>The operating systems whose answers and tools differ.</summary>
public enum HostSystem : byte
{
    /// <summary>Linux.</summary>
    Linux,

    /// <summary>macOS.</summary>
    MacOS,

    /// <summary>Windows.</summary>
    Windows,

    /// <summary>Another one: a BSD, illumos.</summary>
    Other,
}
