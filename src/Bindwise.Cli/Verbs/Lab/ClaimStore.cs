using Bindwise.Lab.Catalogue;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Words;

namespace Bindwise.Cli.Verbs.Lab;

/// <summary>
/// Where claims are looked up: Bindwise's own catalogue, or a folder of the user's. A path to a file is taken wherever an id is.
/// </summary>
/// <param name="folder">The folder; null for the catalogue.</param>
internal sealed class ClaimStore(string? folder)
{
    private const string Extension = ".bind";

    /// <summary>
    /// The ids of all claims, in the order of the alphabet; of a folder the names of its files, with their paths. Empty with a fault.
    /// </summary>
    public IReadOnlyList<string> Ids(out string? fault)
    {
        fault = null;
        if (folder is null)
            return ScenarioCatalogue.Claims;
        try
        {
            var files = Directory.GetFiles(folder, "*" + Extension).Order(StringComparer.Ordinal).ToList();
            if (files.Count == 0)
                fault = $"there is no {Extension} file in {folder}";
            return files;
        }
        catch (Exception exception) when (SystemFault.IsOne(exception))
        {
            fault = $"cannot read {folder}: {(File.Exists(folder) ? "it is not a folder" : SystemFault.Describe(exception))}";
            return [];
        }
    }

    public FoundClaim Find(string id)
    {
        if (IsPath(id))
            return Read(id);
        if (folder is null)
            return ScenarioCatalogue.ClaimText(id) is { } text ? Parse($"claims/{id}{Extension}", text) : Unknown(id);
        var file = Path.Combine(folder, id + Extension);
        return Claims().FirstOrDefault(found => found.Claim!.Id == id) ?? (File.Exists(file) ? Read(file) : Unknown(id));
    }

    // The files of the folder that hold a claim, whose id need not be the file's name.
    private IEnumerable<FoundClaim> Claims() => Ids(out _).Select(Read).Where(static found => found.Claim is not null);

    private FoundClaim Unknown(string id)
    {
        var known = Ids(out var fault);
        if (fault is not null)
            return FoundClaim.Not(fault);
        var near = Nearest.To(id, folder is null ? known : Claims().Select(static found => found.Claim!.Id));
        var list = folder is null ? "bindwise lab list" : $"bindwise lab list --from {ShellQuoting.Quote(folder)}";
        return FoundClaim.Not(
            $"there is no claim {id}{(folder is null ? "" : " in " + folder)}; "
                + (near is null ? $"{list} has them all" : $"did you mean {near}?"));
    }

    private static bool IsPath(string id) => id.EndsWith(Extension, StringComparison.Ordinal) || id.AsSpan().ContainsAny('/', '\\');

    private static FoundClaim Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            // A device has no length, and perhaps no end.
            var bytes = new byte[ClaimText.MaximumChars + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length > ClaimText.MaximumChars ? FoundClaim.Not($"{path}: the file is larger than 1 MiB; split the claim")
                : Parse(path, Encoding.UTF8.GetString(bytes.AsSpan(0, length)));
        }
        catch (Exception exception) when (SystemFault.IsOne(exception))
        {
            var what = SystemFault.Describe(path, exception)
                + (Directory.Exists(path) ? "; to prove all claims in it: --all --from FOLDER" : "");
            return FoundClaim.Not($"cannot read {path}: {what}");
        }
    }

    private static FoundClaim Parse(string file, string text)
    {
        if (!ClaimText.IsClaim(text) && !string.IsNullOrWhiteSpace(text))
            return FoundClaim.Not(
                $"{file} is not a claim, which starts with a line \"claim ID\"; to play a scenario: bindwise lab run "
                    + ShellQuoting.Quote(file));
        var parse = ClaimText.Parse(text);
        return new FoundClaim(parse.Claim, [.. parse.Faults.Select(fault => fault.At(file))]);
    }
}

/// <summary>A claim that was looked up, or what is wrong: a line a fault.</summary>
internal sealed record FoundClaim(Claim? Claim, IReadOnlyList<string> Faults)
{
    public static FoundClaim Not(string fault) => new(null, [fault]);
}

internal static class ScenarioFiles
{
    /// <summary>
    /// Opens a file, a program of the catalogue by its name where no file is called so, or standard input for <c>-</c>; what is wrong is
    /// one line that names it.
    /// </summary>
    public static Stream? Open(string path, out string? fault)
    {
        fault = null;
        if (path == "-")
            return InputStream.Open();
        if (!Path.Exists(path) && ScenarioCatalogue.ProgramText(path) is { } program)
            return new MemoryStream(Encoding.UTF8.GetBytes(program));
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception exception) when (SystemFault.IsOne(exception))
        {
            fault = ScenarioCatalogue.ClaimText(path) is not null
                ? $"{path} is a claim, not a scenario: play it with bindwise lab prove {path}"
                : $"cannot read {path}: {SystemFault.Describe(path, exception)}";
            return null;
        }
    }
}
