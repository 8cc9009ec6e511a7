using Bindwise.Linux.Native;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

/// <summary>The kernel's answers as results, each made once.</summary>
internal static class LiveResult
{
    private const int KnownErrnos = 134;

    private static readonly StepResult[] Known = [.. Enumerable.Range(0, KnownErrnos).Select(static errno => new StepResult(ErrnoNames.Of(errno)))];

    /// <summary>The step's name has no socket.</summary>
    internal static StepResult NoSocket { get; } = new(StepResult.NoSocket);

    /// <summary>The step worked.</summary>
    internal static StepResult Ok => Known[0];

    /// <summary>What a process answered.</summary>
    internal static StepResult Named(string result) => result == StepResult.Ok ? Ok : new StepResult(result);

    /// <summary>What a call gave.</summary>
    internal static StepResult Of(Errno errno) =>
        (int)errno is >= 0 and < KnownErrnos ? Known[(int)errno] : new StepResult(ErrnoNames.Of((int)errno));
}
