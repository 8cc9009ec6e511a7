using Bindwise.Model.Diagnosing;

namespace Bindwise;

/// <summary>Asks the system about ports: the same answers as <c>bindwise why</c>. Without state; safe from any thread.</summary>
public static class Ports
{
    /// <summary>Why a port can or cannot be bound.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="PortQuestionException">The system cannot answer, as for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Diagnosis Ask(PortQuestion question, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>The same on a thread of the pool: the search blocks for milliseconds.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="PortQuestionException">The system cannot answer, as for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<Diagnosis> AskAsync(PortQuestion question, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Stays until the port is free; gives the last answer, whose verdict says free.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="PortQuestionException">The system cannot answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Task<Diagnosis> WaitUntilFreeAsync(PortQuestion question, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>The answer now, and another each time it changes, until the port is free.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="PortQuestionException">The system cannot answer.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IAsyncEnumerable<Diagnosis> FollowAsync(PortQuestion question, CancellationToken cancellationToken = default) => throw new NotSupportedException();
}
