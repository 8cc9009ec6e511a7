using Bindwise.Rendering.Freeing;

namespace Bindwise.Rendering.Watching;

/// <param name="Top">The first of its lines that is shown.</param>
internal abstract record WatchOverlay(int Top)
{
    public sealed record Help(int Top = 0) : WatchOverlay(Top);

    /// <summary>What <c>why</c> answers, or answered when a call failed.</summary>
    public sealed record Answer(long Question, string Title, int Top = 0) : WatchOverlay(Top)
    {
        /// <summary>The answer; null while it is looked for, and where it failed.</summary>
        public Diagnosis? Diagnosis { get; init; }

        /// <summary>Why there is none, one line.</summary>
        public string? Fault { get; init; }

        /// <summary>The event it belongs to; null for an answer of now.</summary>
        public PortEvent? Event { get; init; }
    }

    /// <summary>What <c>free</c> would do, is asked about, and did.</summary>
    public sealed record Free(long Question, string Title, int Top = 0) : WatchOverlay(Top)
    {
        /// <summary>What will be done; null while it is looked for.</summary>
        public FreePlan? Plan { get; init; }

        /// <summary>Why there is no plan or no result, one line.</summary>
        public string? Fault { get; init; }

        /// <summary>What is still to be asked, the next first.</summary>
        public ImmutableArray<FreeQuestion> Questions { get; init; } = [];

        public ImmutableArray<FreeAction> Excluded { get; init; } = [];
        public bool IsRunning { get; init; }
        public ImmutableArray<FreeStep> Steps { get; init; } = [];

        /// <summary>How it ended; null until then.</summary>
        public FreeResult? Result { get; init; }

        public bool IsDeclined { get; init; }
    }
}

/// <summary>A question to a person before something is freed.</summary>
/// <param name="Optional">The action that is left out by a no; null where a no ends it all.</param>
internal sealed record FreeQuestion(string Text, FreeAction? Optional)
{
    /// <summary>The questions of a plan, as <c>free</c> asks them; none where nothing is to be done.</summary>
    public static ImmutableArray<FreeQuestion> Of(FreePlan plan)
    {
        if (plan.Refusal is not null || plan.Actions.IsEmpty)
            return [];
        var isOnly = plan.Actions.All(static action => action.IsAskedSeparately);
        return
        [
            .. isOnly ? [] : (FreeQuestion[])[new FreeQuestion("Do it? [y/N] ", null)],
            .. plan.Actions.Where(static action => action is { IsAskedSeparately: true, Kind: FreeActionKind.Signal })
                .Select(action => new FreeQuestion(FreeText.Separately(action, isOnly), null)),
            .. plan.Actions.Where(static action => action.IsIfTakenAgain)
                .Select(static action => new FreeQuestion(FreeText.Separately(action, isOnly: false), action)),
        ];
    }
}
