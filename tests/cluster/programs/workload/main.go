// Command workload is the one program of the test images: it needs no file of its image.
//
//	workload              wait until told to stop: the sandbox of a pod, a container that runs
//	workload exit CODE    end with that code
//	workload cat FILE...  show files as the container sees them
//	workload dial A:P     connect by TCP and say what came of it: the network as the container sees it
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 0:
		wait()
		return nil
	case args[0] == "exit" && len(args) == 2:
		code, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		os.Exit(code)
		return nil
	case args[0] == "cat":
		for _, name := range args[1:] {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			os.Stdout.Write(text)
		}
		return nil
	case args[0] == "dial" && len(args) == 2:
		connection, err := net.DialTimeout("tcp", args[1], 3*time.Second)
		if err != nil {
			return err
		}
		fmt.Println("connected")
		return connection.Close()
	}
	return fmt.Errorf("usage: workload [exit CODE | cat FILE... | dial ADDRESS:PORT]")
}

// wait reaps children until it is told to stop: as the first process of a pod it inherits those whose parent ended.
func wait() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for got := range signals {
		if got != syscall.SIGCHLD {
			return
		}
		for {
			var status syscall.WaitStatus
			pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
			if err != nil || pid <= 0 {
				break
			}
		}
	}
}
