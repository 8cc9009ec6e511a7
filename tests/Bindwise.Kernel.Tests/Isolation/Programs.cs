namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>The programs that the tests start, as files.</summary>
internal static class Programs
{
    /// <summary>The program under test.</summary>
    public static string Bindwise => ProgramUnderTest.Path;

    /// <summary>A program of samples/.</summary>
    public static string Sample(string name) => Path.Combine(ProgramUnderTest.Folder, name);

    /// <summary>A script of Scripts/.</summary>
    public static string Script(string name) => Path.Combine(ProgramUnderTest.Folder, "Scripts", name);
}
