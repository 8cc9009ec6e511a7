namespace Bindwise.Diagnostics;

/// <summary>The kernel's socket table cannot be read (no sock_diag, or a sandbox that forbids it): a probe may still answer.</summary>
internal sealed class TableUnreadException(string message) : Exception(message)
{
    /// <summary>This process may open no more files now: nothing can be asked, and no sandbox is the reason.</summary>
    public bool IsForWantOfDescriptors { get; init; }
}
