namespace Bindwise.Lab.Recording;

/// <summary>A moment of a wait on the kernel, told some times a second.</summary>
/// <param name="Step">The index of the step: a wait, or a retry.</param>
/// <param name="Wait">How long it is in all; of a retry, at most.</param>
/// <param name="Sockets">The sockets of this moment: of a TIME_WAIT the kernel's countdown is in
/// <see cref="SocketRow.SecondsLeft"/>.</param>
/// <param name="Attempts">Of a retry, the attempts that were made so far; 0 for a wait.</param>
internal sealed record PlayProgress(Scenario Scenario, int Step, TimeSpan Waited, TimeSpan Wait, ImmutableArray<SocketRow> Sockets,
    int Attempts = 0);
