namespace Bindwise.AspNetCore.Tests;

/// <summary>A folder of one test's own, which goes with it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-");

    /// <summary>The path of a file in it.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Where two instances meet for a hand-over.</summary>
    public string HandOver => PathOf("hand-over.sock");

    /// <summary>The paths of the files in it.</summary>
    public string[] Files => Directory.GetFiles(_folder.FullName);

    public void Dispose() => _folder.Delete(recursive: true);
}
