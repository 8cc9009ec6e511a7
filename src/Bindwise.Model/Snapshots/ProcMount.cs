namespace Bindwise.Diagnostics;

/// <summary>Whose processes /proc shows to who asks.</summary>
internal enum ProcMount : byte
{
    /// <summary>Those of its own PID namespace.</summary>
    Own,

    /// <summary>Nobody's: procfs is not mounted.</summary>
    Missing,

    /// <summary>Those of another PID namespace, by numbers that mean others here.</summary>
    Foreign,
}
