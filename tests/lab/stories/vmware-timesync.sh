# VMware Tools set the clock of their guest
# The tool is asked, and its exit code counts: 0 is on, 69 is off, anything else is no answer, and no answer is neither
# a fault nor the end of one. Off VMware the real tool refuses.
# packages: open-vm-tools

tell "VMware's tool is installed on a machine that is none of VMware's."
refuses() { ! vmware-toolbox-cmd timesync status 2>&1; }
save real refuses
wd elsewhere run --json

tell "The firmware says VMware, the hypervisor does not answer: the real tool again."
act on_vmware
wd no_answer run --json

tell "From here on a stand-in speaks for the hypervisor. Periodic time sync is on."
act vmware_tools 'echo Enabled'
wd on run --json

tell "The tool fails, then it hangs: that is no proof of anything."
act vmware_tools 'echo "Error: RPC failed" >&2; exit 1'
wd failed run --json
act vmware_tools 'sleep 1000'
wd hung run --json
wd still_firing incidents --json

tell "Time sync is switched off. The exit code says so, 69; the words are the tool's own in whatever language."
act vmware_tools '[[ $LC_ALL == C ]] && echo Disabled || echo Deaktiviert; exit 69'
wd off run --json
wd incidents incidents --all --json
