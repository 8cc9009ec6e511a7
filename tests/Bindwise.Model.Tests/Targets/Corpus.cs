namespace Bindwise.Model.Tests.Targets;

/// <summary>Error texts as programs print them, with the address of the bind that failed; "error" where a text names none.</summary>
internal static partial class Corpus
{
    /// <summary>The texts, their addresses, and what runtime and program they reveal (either may be null).</summary>
    public static readonly (string Text, string Expected)[] Rows =
    [
        .. Runtimes, .. Development, .. Jvm, .. Servers, .. Daemons, .. Systems, .. WithoutAddress, .. Traps,
    ];
}
