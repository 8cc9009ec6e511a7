using Bindwise.Linux.SockDiag;
using Bindwise.Linux.UnixPaths;
using Bindwise.Model.Snapshots;

namespace Bindwise.Linux.Subjects;

/// <summary>What stands at a UNIX path, looked at with the user and the groups of another program.</summary>
internal static class SubjectPath
{
    /// <summary>Looks; what could not be done as the program is noted in the snapshot's <see cref="Subject.Notes"/>.</summary>
    internal static Snapshot Read(Snapshot snapshot, SubjectProgram? program, string path, out UnixFileId file)
    {
        if (program is null || snapshot.Caller.As is not { } record)
            return snapshot with { UnixPath = UnixPathReader.Read(path, out file) };
        string? obstacle;
        UnixPathRecord found;
        using (program.BeginInFolders(out obstacle))
            found = UnixPathReader.Read(path, out file);
        var notes = record.Notes;
        if (obstacle is not null)
            notes = notes.Add($"bindwise judged by its own rights what the program may do in the folder: {obstacle}.");
        if (path is not ['@', ..] && program.HasOtherMounts)
            notes = notes.Add("The program has its own mounts; bindwise looked at the path in its own mounts instead.");
        return snapshot with { UnixPath = found, Caller = snapshot.Caller with { As = record with { Notes = notes } } };
    }
}
