namespace Bindwise.Cli.Verbs.Lab;

/// <summary>The words of <c>--on</c>, for verbs that play on either host or on both.</summary>
internal static class PlayOnWord
{
    /// <summary>Where to play; null for a word that is none.</summary>
    /// <param name="word">The word; null where the option was not given.</param>
    public static PlayOn? Read(string? word) => word switch
    {
        null => PlayOn.WhereItCan,
        "model" => PlayOn.Model,
        "kernel" => PlayOn.Kernel,
        "both" => PlayOn.Both,
        _ => null,
    };
}
