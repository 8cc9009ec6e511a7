using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Bindwise.Packages.Tests.Reference;

/// <summary>
/// The code of the pages, as a reader's compiler sees it: with what the packages show. It is in pieces, so what names something that the piece
/// does not have (a logger, a builder) is no fault; a type or member of ours that is not public, or that does not exist, is one.
/// </summary>
public sealed partial class PageCodeTests
{
    private static readonly Assembly[] Ours = [.. Shipped.Rooms.Select(Shipped.Assembly)];

    // Of all rooms: what is public in one that does not ship as such is hidden from users as well.
    private static readonly HashSet<string> Hidden = [.. Ours.SelectMany(static one => one.GetReferencedAssemblies()).Where(static one => one.Name!.StartsWith("Bindwise", StringComparison.Ordinal))
        .Select(Assembly.Load).Concat(Ours).Distinct().SelectMany(static one => one.GetTypes()).Where(static type => !type.IsVisible).Select(static type => type.Name.Split('`')[0])];

    private static readonly string Usings = string.Concat(Ours.SelectMany(static one => one.GetExportedTypes()).Select(static type => type.Namespace!).Distinct().Order(StringComparer.Ordinal)
        .Concat(["System", "System.Collections.Generic", "System.Collections.Immutable", "System.IO", "System.Linq", "System.Net", "System.Net.Http", "System.Net.Sockets", "System.Threading",
            "System.Threading.Tasks", "Microsoft.AspNetCore.Builder", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting"]).Select(static one => $"using {one};\n"));

    public static TheoryData<string> Pages => [.. Directory.EnumerateFiles(Repository.File("docs"), "*.md").Concat(Shipped.Rooms.Select(static room => Repository.File($"src/{room}/README.md")))
        .Append(Repository.File("README.md")).Where(static file => File.Exists(file) && Path.GetFileName(file) != "migration.md" && Block().IsMatch(File.ReadAllText(file)))
        .Select(static file => Path.GetRelativePath(Repository.File("."), file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Code_OfAPage_NamesWhatIsPublic(string page)
    {
        var blocks = Block().Matches(Repository.Read(page));
        Assert.All(blocks, static block => Assert.Empty(Faults(block.Groups["code"].Value)));
    }

    [Theory]
    [InlineData("var x = PortColumns.Target(port);", "PortColumns")]
    [InlineData("var q = PortQuery.Of(8080) with { Options = null };", "Options")]
    [InlineData("var q = new PortQuery { Target = t, VerdictOnly = true };", "VerdictOnly")]
    [InlineData("await PortDiagnostics.WaitUntilFreeAsync(PortQuery.Of(8080));", "WaitUntilFreeAsync")]
    [InlineData("logger(PortDiagnostics.Diagnose(PortQuery.Of(8080)).Summary);", null)]
    [InlineData("using Bindwise;\n\nvar app = builder.Build();", null)]
    public void Code_ThatNamesWhatIsNot_IsTold(string code, string? word)
    {
        var faults = Faults(code);
        if (word is null)
            Assert.Empty(faults);
        else
            Assert.Contains(word, Assert.Single(faults), StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Faults(string code)
    {
        // A reader's own usings come first, whatever the page has.
        var own = string.Concat(OwnUsing().Matches(code).Select(static one => one.Value));
        var tree = CSharpSyntaxTree.ParseText(Usings + own + OwnUsing().Replace(code, ""), new CSharpParseOptions(LanguageVersion.Preview));
        var compilation = CSharpCompilation.Create("Page", [tree], DeclarationCompiler.References, new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        return [.. compilation.GetDiagnostics().Where(IsOfOurs).Select(static one => $"{one.Id} {one.GetMessage(CultureInfo.InvariantCulture)}").Distinct()];
    }

    private static bool IsOfOurs(Diagnostic fault)
    {
        var names = Quoted().Matches(fault.GetMessage(CultureInfo.InvariantCulture)).Select(static one => one.Groups["name"].Value).ToList();
        return fault.Id switch
        {
            // Not there to be seen.
            "CS0122" => true,
            // No such member: of a type of ours.
            "CS0117" or "CS1061" => names.Count > 0 && IsOurs(names[0]),
            // No such name: one that is hidden.
            "CS0103" or "CS0246" => names.Count > 0 && Hidden.Contains(names[0].Split('<')[0]),
            _ => false,
        };
    }

    private static bool IsOurs(string type) => Ours.Any(one => one.GetExportedTypes().Any(exported => exported.Name.Split('`')[0] == type.Split('<')[0]));

    [GeneratedRegex("^```csharp\\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^using (?!var\b)[\w. =]+;\r?\n", RegexOptions.Multiline)]
    private static partial Regex OwnUsing();

    [GeneratedRegex("'(?<name>[^']+)'")]
    private static partial Regex Quoted();
}
