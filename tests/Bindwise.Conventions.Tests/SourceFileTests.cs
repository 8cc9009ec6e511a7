using System.Text.RegularExpressions;

namespace Bindwise.Conventions.Tests;

/// <summary>What no source file may hold, and where the dangerous things live.</summary>
public sealed partial class SourceFileTests
{
    private const int LongestFile = 400;
    private const int WidestLine = 140;
    private const string NativeRoom = "src/Bindwise.Linux.Native/";

    [Fact]
    public void NativeCallsAndUnsafeCode_LiveInTheNativeRoomOnly()
    {
        Assert.All(Sources("src").Where(file => !file.Path.StartsWith(NativeRoom, StringComparison.Ordinal)), file => file.HasNo(NativeCode()));
        Assert.Contains(Sources(NativeRoom), file => file.Lines.Any(line => NativeCode().IsMatch(line)));
    }

    [Fact]
    public void Files_AreShortEnoughToRead() =>
        Assert.All(Sources("src").Concat(Sources("tools")), file => Assert.True(file.Lines.Length <= LongestFile, $"{file.Path} has {file.Lines.Length} lines, more than {LongestFile}"));

    [Fact]
    public void Lines_AreNarrowEnoughToRead() =>
        Assert.All(Sources("src").Concat(Sources("tools")), file => Assert.All(file.Lines, line => Assert.True(line.Length <= WidestLine, $"{file.Path} has a line of {line.Length} columns, more than {WidestLine}: {line.Trim()}")));

    [Fact]
    public void Files_HaveNamesThatExcludeSomething() =>
        Assert.All(new[] { "src", "tests", "tools" }.SelectMany(Sources), file => Assert.False(VagueName().IsMatch(file.Path), file.Path + " has a name that excludes nothing"));

    [Fact]
    public void Files_LeaveNothingForLater() =>
        Assert.All(new[] { "src", "tests", "tools", "samples" }.SelectMany(Sources), file => file.HasNo(ForLater()));

    [Fact]
    public void Files_InSrc_DoNotSleepHideOrSwallow()
    {
        Assert.All(Sources("src"), file =>
        {
            file.HasNo(Sleeping());
            file.HasNo(Regions());
            Assert.False(EmptyCatch().IsMatch(file.Text), file.Path + " catches and says nothing");
        });
    }

    // In the order of dotnet_sort_system_directives_first, which the compiler does not check, and `dotnet format` in ten times the time of this.
    [Fact]
    public void Imports_AreInOrder() =>
        Assert.All(new[] { "src", "tests", "tools", "bench", "samples" }.SelectMany(Sources), file => Assert.True(AreInOrder(file.Lines), file.Path + " has its imports in another order"));

    [Theory]
    [InlineData("using System.Net;\nusing Bindwise.Model;\nusing Xunit;", true)]
    [InlineData("using Bindwise.Model;\nusing System.Net;", false)]
    [InlineData("using System.Net.Sockets;\nusing System.Net;", false)]
    [InlineData("using Bindwise.Model;\nusing static System.Math;\nusing Other = System.Net;", true)]
    [InlineData("using static System.Math;\nusing System.Net;", false)]
    [InlineData("using B = System.Net;\nusing A = System.Net;", false)]
    [InlineData("using System;\nusing SystemOfMine;\nusing Abacus;", false)]
    [InlineData("global using Xunit;\n\nnamespace A;", true)]
    public void Imports_OutOfOrder_AreTold(string text, bool inOrder) => Assert.Equal(inOrder, AreInOrder(text.Split('\n')));

    [Fact]
    public void NativeFunctions_AreDeclaredInOneFile_EachUnderItsOwnName()
    {
        Assert.All(Sources("src").Where(static file => file.Text.Contains("[LibraryImport(", StringComparison.Ordinal)), static file => Assert.Equal("src/Bindwise.Linux.Native/LibC.cs", file.Path));
        var declared = Declaration().Matches(Repository.Read("src/Bindwise.Linux.Native/LibC.cs"));
        Assert.True(declared.Count > 80, $"{declared.Count} declarations were found");
        Assert.All(declared, static one => Assert.Equal(one.Groups["function"].Value.Replace("_", "", StringComparison.Ordinal), one.Groups["method"].Value, ignoreCase: true));
        // A bare number beside a handle, and the four calls that nothing interrupts.
        Assert.All(declared.CountBy(static one => one.Groups["function"].Value), static one => Assert.InRange(one.Value, 1, 2));
    }

    [Theory]
    [InlineData("    [LibraryImport(\"libc\")]", true)]
    [InlineData("    public static unsafe int Read()", true)]
    [InlineData("    // an unsafe place to stop", false)]
    [InlineData("    /// <summary>unsafe to remove</summary>", false)]
    public void NativeCode_IsToldFromItsMention(string line, bool isCode) => Assert.Equal(isCode, NativeCode().IsMatch(line));

    [Theory]
    [InlineData("try { A(); } catch (IOException) { }", true)]
    [InlineData("try { A(); } catch\n{\n}", true)]
    [InlineData("try { A(); } catch (IOException error) { return error.Message; }", false)]
    public void EmptyCatch_IsToldFromOneThatSpeaks(string code, bool isEmpty) => Assert.Equal(isEmpty, EmptyCatch().IsMatch(code));

    private static bool AreInOrder(string[] lines)
    {
        var keys = lines.Select(static line => Import().Match(line)).Where(static import => import.Success).Select(static import => (
            Kind: import.Groups["alias"].Success ? 2 : import.Groups["static"].Success ? 1 : 0,
            Parts: (import.Groups["alias"].Success ? import.Groups["alias"] : import.Groups["name"]).Value.Split('.'))).ToList();
        return keys.Zip(keys.Skip(1), static (before, after) => (before.Kind - after.Kind, Compare(before.Parts, after.Parts)) is ( < 0, _) or (0, <= 0)).All(static fine => fine);

        static int Compare(string[] before, string[] after) =>
            (after[0] == "System").CompareTo(before[0] == "System") is not 0 and var system ? system
                : before.Zip(after, StringComparer.OrdinalIgnoreCase.Compare).FirstOrDefault(static order => order != 0, before.Length - after.Length);
    }

    private static IEnumerable<SourceFile> Sources(string folder) => WorkingTree.Files(folder, "*.cs").Select(path => new SourceFile(path, Repository.Read(path)));

    [GeneratedRegex(@"^(?!\s*//).*(\b(LibraryImport|DllImport)\s*\(|\bunsafe\b)")]
    private static partial Regex NativeCode();

    [GeneratedRegex(@"EntryPoint = ""(?<function>\w+)""[^;]*? partial [\w*]+ (Raw(?=[A-Z]))?(?<method>\w+)\(", RegexOptions.Singleline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^using (?<static>static )?((?<alias>\w+) = )?(?<name>[\w.]+)[^()]*;$")]
    private static partial Regex Import();

    [GeneratedRegex(@"(Utils?|Helpers?|Managers?|Common|Misc)(\.cs$|/)")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(TO[D]O|FIX[M]E|HA[C]K|NotImplemented[E]xception)\b")]
    private static partial Regex ForLater();

    [GeneratedRegex(@"Thread\.Sleep|Task\.Delay")]
    private static partial Regex Sleeping();

    [GeneratedRegex(@"^\s*#region")]
    private static partial Regex Regions();

    [GeneratedRegex(@"\bcatch\s*(\([^)]*\))?\s*(when\s*\([^{]*\))?\s*\{\s*\}")]
    private static partial Regex EmptyCatch();

    private sealed record SourceFile(string Path, string Text)
    {
        public string[] Lines { get; } = Text.TrimEnd('\n').Split('\n');

        // What a failed assertion shows of it.
        public override string ToString() => Path;

        public void HasNo(Regex pattern)
        {
            for (var index = 0; index < Lines.Length; index++)
                Assert.False(pattern.IsMatch(Lines[index]), $"{Path}:{index + 1}: {Lines[index].Trim()}");
        }
    }
}
