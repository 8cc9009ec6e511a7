namespace Bindwise.Model.Scenarios.Words;

/// <summary>The words for signals, in one place.</summary>
internal static class SignalWords
{
    /// <summary>All of them.</summary>
    public static readonly (string Word, ProcessSignal Signal)[] All =
        [("INT", ProcessSignal.Interrupt), ("TERM", ProcessSignal.Terminate), ("KILL", ProcessSignal.Kill)];

    /// <summary>The word for a signal.</summary>
    public static string Of(ProcessSignal signal) => Array.Find(All, row => row.Signal == signal).Word;
}
