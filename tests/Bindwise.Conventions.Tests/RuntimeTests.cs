using Bindwise.Model.Runtimes;

namespace Bindwise.Conventions.Tests;

/// <summary>What is known of a runtime stands in its row of the table.</summary>
public sealed class RuntimeTests
{
    /// <summary>Where processes are recognised and named. Shells count there as what a person types at, too.</summary>
    private static readonly string[] Readers = ["src/Bindwise.Model/Diagnosing", "src/Bindwise.Model/Targets", "src/Bindwise.Rendering/Processes"];

    /// <summary>An IDE, told by Java's arguments.</summary>
    private static readonly (string File, string Program)[] OtherWords = [("src/Bindwise.Model/Diagnosing/Provenance/SessionProvenance.cs", "java")];

    [Fact]
    public void Programs_AreWrittenInTheTableAlone()
    {
        var programs = RuntimeBook.All.Where(static runtime => runtime != Runtime.Shell).SelectMany(static runtime => RuntimeBook.ProgramsOf(runtime)).ToList();
        Assert.Contains("deno", programs);
        var found = Readers.SelectMany(static folder => WorkingTree.Files(folder, "*.cs"))
            .SelectMany(file => programs.Where(program => !OtherWords.Contains((file, program)) && Repository.Read(file).Contains($"\"{program}\"", StringComparison.Ordinal))
                .Select(program => $"{file} writes \"{program}\": ask RuntimeBook.OfProgram")).ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
