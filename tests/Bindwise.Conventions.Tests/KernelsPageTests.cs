using System.Globalization;
using System.Text;

namespace Bindwise.Conventions.Tests;

/// <summary>docs/kernels.md tells what the table of changes tells.</summary>
public sealed class KernelsPageTests
{
    private const string Heading = "What changed";
    private static readonly Page Kernels = Page.All.Single(page => page.Path == "docs/kernels.md");

    // Written anew by: BINDWISE_WRITE_PAGES=1 dotnet test tests/Bindwise.Conventions.Tests --filter KernelsPageTests
    [Fact]
    public void Section_OfTheChanges_IsTheirTable()
    {
        if (Environment.GetEnvironmentVariable("BINDWISE_WRITE_PAGES") == "1" && Kernels.Section(Heading) is { Length: > 0 } old)
        {
            File.WriteAllText(Repository.File(Kernels.Path), Repository.Read(Kernels.Path).Replace(old, Section(), StringComparison.Ordinal));
            return;
        }
        Assert.Equal(Section(), Kernels.Section(Heading).ReplaceLineEndings("\n"));
    }

    private static string Section()
    {
        var text = new StringBuilder("| since | what holds | before | source |\n| --- | --- | --- | --- |\n");
        foreach (var change in KernelChanges.All)
        {
            var backports = change.Backports.IsEmpty ? "" : " (and in " + string.Join(", ", change.Backports) + ")";
            text.Append(CultureInfo.InvariantCulture, $"| {change.Since?.ToString() ?? "no release"}{backports} | {change.Sentence} | {change.Before} | {change.Source} |\n");
        }
        return text.ToString().Trim();
    }
}
