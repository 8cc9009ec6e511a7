namespace Bindwise.Lab.Kernel;

/// <summary>An entry that was read and not yet answered.</summary>
internal sealed class Slot<T>(T entry)
{
    public T Entry => entry;

    public ScenarioResult? Result { get; set; }
    public bool IsPlayed { get; set; }
}
