using Bindwise.Linux.Inspecting;
using Bindwise.Linux.Subjects;
using Bindwise.Model.Inspecting;

namespace Bindwise.Linux;

/// <summary>
/// Takes snapshots of the running kernel for one program, which is found once and held, so that its number cannot come to mean another. One
/// serves any number of requests.
/// </summary>
internal sealed class Inspector(SubjectProgram? program) : IDisposable
{
    /// <summary>Finds the program to answer for, and holds it (a process by a pidfd) until the inspector is disposed of.</summary>
    /// <param name="subject">The program to answer for; null for the caller itself.</param>
    /// <exception cref="InspectionException">There is none such, or the caller may not answer for it.</exception>
    public static Inspector Open(SubjectSelector? subject) =>
        new(subject is null or { IsCaller: true } ? null : SubjectProgram.Find(subject));

    /// <summary>The same for a user in a network namespace that nothing may keep any more but its open file.</summary>
    /// <param name="network">The namespace's file, which the inspector closes.</param>
    /// <param name="name">What it is called in an answer, as <c>pid 4242</c>.</param>
    internal static Inspector OpenIn(uint user, SafeFileDescriptor network, string name) =>
        new(BoundedRun.Run(_ => ProgramFinder.OfNetwork(user, network, name), CancellationToken.None));

    /// <summary>The inode of the network namespace in which it looks; null where it is the caller's, or not known.</summary>
    internal ulong? Network => program?.Record.NetworkNamespace is > 0 and var inode ? inode : null;

    /// <summary>The user for which is asked; null for the caller's.</summary>
    internal uint? User => program?.Record.UserId;

    /// <summary>Takes the snapshot that the request's answer stands on.</summary>
    /// <param name="cancellationToken">Ends the search between two of its stages.</param>
    /// <exception cref="InspectionException">The system cannot answer, as for an unknown host.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Snapshot Inspect(InspectionRequest request, CancellationToken cancellationToken)
    {
        // Names are the caller's affair, whatever the network namespace in which it is looked.
        var names = TargetNames.LookUp(request.Target);
        return BoundedRun.Run(cancellation => program is null ? Read(cancellation) : program.Run(() => Read(cancellation)),
            cancellationToken);

        Snapshot Read(CancellationToken cancellation)
        {
            using var kernel = new KernelReader(request, program, cancellation);
            return kernel.Finish(HostSearch.Run(request, kernel, new Snapshot { TakenAt = DateTimeOffset.Now, Names = names }));
        }
    }

    /// <summary>
    /// Does something in the network namespace for which is asked: a socket that is opened there stays one of that namespace.
    /// </summary>
    /// <param name="work">What to do; on the calling thread where the namespace is its own.</param>
    /// <exception cref="InspectionException">The namespace cannot be entered.</exception>
    public T InNetwork<T>(Func<T> work) => program is null ? work() : program.Run(work);

    public void Dispose() => program?.Dispose();
}
