using Bindwise.Linux.Proc;

namespace Bindwise.Linux.Tests.KernelServices;

/// <summary>A folder that stands for the root of a host which has what this machine does not.</summary>
internal sealed class ServiceRoot : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-root-");

    public ServiceFiles Files => new(_folder.FullName);

    public ServiceRoot With(string path, string text)
    {
        var file = _folder.FullName + path;
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return this;
    }

    public ServiceRoot Folder(string path)
    {
        Directory.CreateDirectory(_folder.FullName + path);
        return this;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
