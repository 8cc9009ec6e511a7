using System.Text.RegularExpressions;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Roots;

/// <summary>A read-only root with the program, the loader and the libraries that it lists, and nothing else: no /etc, no /tmp, no time zones, no OpenSSL.</summary>
internal sealed partial class BareRoot : IAsyncDisposable
{
    private readonly TestHost _host;
    private readonly string _folder;

    private BareRoot(TestHost host)
    {
        _host = host;
        _folder = Path.Combine(host.Folder, "root");
    }

    /// <summary>Makes one, on a host of its own where python3 listens on 127.0.0.1:8080.</summary>
    /// <param name="devices">With /proc, /dev/null and /dev/urandom, as containers have them.</param>
    public static async Task<BareRoot> OpenAsync(bool devices)
    {
        var root = new BareRoot(await TestHost.OpenAsync());
        await root.FillAsync(devices).ConfigureAwait(false);
        await root._host.StartScriptAsync("hold.py", "tcp 127.0.0.1 8080 listen").ConfigureAwait(false);
        return root;
    }

    /// <summary>The files that the loader maps for the program, itself among them.</summary>
    public static async Task<IReadOnlyList<string>> LibrariesAsync(TestHost host)
    {
        var listed = await host.RunAsync("ldd", Programs.Bindwise).ConfigureAwait(false);
        Assert.True(listed.ExitCode == 0, listed.ToString());
        return [.. LibraryPath().Matches(listed.Output).Select(static match => match.Value)];
    }

    /// <summary>Runs the program there, with nothing in its environment but a time zone and a language that are not there.</summary>
    public Task<Outcome> RunAsync(string words, string? input = null) => _host.RunAsAsync(0, input,
        ["env", "--ignore-environment", "TZ=Europe/Berlin", "LC_ALL=de_DE.UTF-8", "/usr/sbin/chroot", _folder, "/bin/bindwise", .. words.Split(' ')]);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task FillAsync(bool devices)
    {
        foreach (var file in await LibrariesAsync(_host).ConfigureAwait(false))
            Place(file, file);
        Place(Programs.Bindwise, "/bin/bindwise");
        await File.WriteAllTextAsync(Path.Combine(_folder, "compose.yaml"), "services:\n  web:\n    image: web\n    ports: [\"80:80\"]\n  proxy:\n    image: proxy\n    ports: [\"80:8080\"]\n").ConfigureAwait(false);
        await File.WriteAllTextAsync(Path.Combine(_folder, "two.bind"), "a = tcp 127.0.0.1:80 listen  -> ok\nb = tcp 127.0.0.1:80  -> EADDRINUSE\n").ConfigureAwait(false);
        await _host.SetUpAsync($"mount --bind {_folder} {_folder}").ConfigureAwait(false);
        if (devices)
        {
            Directory.CreateDirectory(Path.Combine(_folder, "proc"));
            Directory.CreateDirectory(Path.Combine(_folder, "dev"));
            await _host.SetUpAsync($"mount -t proc proc {_folder}/proc").ConfigureAwait(false);
            foreach (var device in (string[])["null", "urandom"])
            {
                await File.WriteAllTextAsync(Path.Combine(_folder, "dev", device), "").ConfigureAwait(false);
                await _host.SetUpAsync($"mount --bind /dev/{device} {_folder}/dev/{device}").ConfigureAwait(false);
            }
        }
        await _host.SetUpAsync($"mount -o remount,bind,ro {_folder}").ConfigureAwait(false);
    }

    private void Place(string file, string path)
    {
        var target = _folder + path;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        ProgramCopy.Make(file, target);
    }

    [GeneratedRegex(@"/\S+(?= \(0x)")]
    private static partial Regex LibraryPath();
}
