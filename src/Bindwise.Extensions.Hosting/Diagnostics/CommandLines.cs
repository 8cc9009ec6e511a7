using Bindwise.Rendering.Escaping;

namespace Bindwise.Extensions.Hosting;

/// <summary>The command line of a holder, as much of it as the options allow; secrets in it are masked.</summary>
internal static class CommandLines
{
    private const int ShortLength = 80;
    private const int FullLength = 4096;

    public static string? Of(Diagnosis? diagnosis, CommandLineDetail detail) =>
        detail == CommandLineDetail.Off || HolderName.First(diagnosis) is not { Arguments: { IsDefaultOrEmpty: false } arguments } ? null
        : Escaper.Escape(string.Join(' ', arguments), detail == CommandLineDetail.Short ? ShortLength : FullLength);
}
