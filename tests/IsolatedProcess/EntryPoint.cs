namespace IsolatedProcess;

/// <summary>What a test assembly does when it is started as a program: one body of a test, apart from the others.</summary>
internal static class EntryPoint
{
    private static Task<int> Main(string[] words) => Body.RunAsync(words);
}
