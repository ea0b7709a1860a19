package bench

var languages = []string{"java", "php", "python", "javascript", "dotnet", "go"}

var stacks = map[string][]string{
	"java": {javaStack, javaCaused, javaSuppressed},
	"php":  {phpStack},
	"python": {
		pythonStack, pythonDuring, pythonDirect,
	},
	"javascript": {nodeStack, browserStack},
	"dotnet":     {dotnetStack, dotnetInner},
	"go":         {goStack, goPanic},
}

const javaStack = `java.lang.IllegalStateException: state is not legal
	at java.base/java.util.ArrayList.forEach(ArrayList.java:1511)
	at com.example.shop.Cart.pay(Cart.java:81)
	at com.example.shop.Cart.<init>(Cart.java:)
	at app//com.example.shop.Api.handle(Api.java)
	at jdk.internal.reflect.GeneratedMethodAccessor12.invoke(Unknown Source)
	at com.example.shop.Native.call(Native Method)
	at com.example.shop.Broken.frame(Broken.java:62)and more
	at com.example.shop.NoParens
`

const javaCaused = `com.example.OuterException: outer
	at com.example.Outer.run(Outer.java:10)
	... 3 common frames omitted
Caused by: com.example.MiddleException: first line
second line: with a colon
	third, indented
	at com.example.Middle.run(Middle.java:20)
	... 4 more
Caused by: com.example.NoMessage
	at com.example.Inner.run(Inner.java:30)
Caused by: com.example.Tight:no blank
	at com.example.Inner.run(Inner.java:-31)
	... 5 more`

const javaSuppressed = `java.lang.Exception: closing
	at com.example.Main.main(Main.java:5)
	Suppressed: java.io.IOException: disk
		at com.example.File.close(File.java:9)
	Caused by: java.lang.Error: indented
Caused by: java.io.IOException: last
	at com.example.File.open(File.java:12)
	... 1 more
`

const phpStack = `Exception: cart is empty
	at Shop\Cart->pay(/var/www/shop/Cart.php:41)
	at {closure}(/var/www/shop/index.php:9)
	at ReflectionMethod->invoke(unknown)
Caused by: PDOException: SQLSTATE[HY000] [2002] refused
	at PDO->__construct(/var/www/shop/Db.php:17)`

const pythonStack = `Traceback (most recent call last):
  File "/srv/shop/app.py", line 41, in pay
    charge(card)
  File "/srv/shop/card.py", line 7, in charge
    raise CardError("refused, sorry")
  File "no, such, file.py", line 9, in g
  File "odd.py", li 9, un h
CardError: refused, sorry`

const pythonDuring = `Traceback (most recent call last):
  File "/srv/shop/cache.py", line 12, in get
    return store[key]
KeyError: 'basket: 7'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/db.py", line 30, in load
    connect()
OSError: [Errno 111] refused
the second line of it

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/app.py", line 55, in main
    load()
RuntimeError: no basket
`

const pythonDirect = `Traceback (most recent call last):
  File "/srv/shop/db.py", line 30, in load
    connect()
    ~~~~~~~^^
ValueError

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/shop/app.py", line 55, in main
    load()
RuntimeError: no basket`

const nodeStack = `TypeError: Cannot read properties of undefined (reading 'price')
    at Cart.total (/srv/shop/cart.js:12:27)
    at async Promise.all (index 0)
    at new Cart (node:internal/shop:9:3)
    at /srv/shop/server.js:77:5
    at Array.forEach (<anonymous>)
    at Array.map (native)
    at native
    at eval (eval at render (/srv/shop/view.js:3:1), <anonymous>:1:2)
    at broken (/srv/shop/x.js:1:2
    at (/srv/shop/y.js:9)
`

const browserStack = `Error: not found
    at fetchItem (https://shop.example.com/static/app.js:1:4711)
    at https://shop.example.com/static/app.js:2:815
  at wrongIndent (a.js:1:1)`

const dotnetStack = `System.InvalidOperationException: basket is empty
   at Shop.Cart.Pay(Card card) in C:\src\shop\Cart.cs:line 81
   at Shop.Api.Handle(HttpContext context, CancellationToken token) in /src/shop/Api.cs:line 17
   at Shop.Startup.<>c.<Configure>b__1_0(HttpContext context)
   at lambda_method(Closure , Object )
   at Odd in one in two in three:line 4
   at Odd() in nowhere
   at Odd() in file.cs: 12
   at Odd() in file.cs:lineX12
   at NoParens
`

const dotnetInner = `System.Exception: outer ---> System.Exception: inner
   at Shop.Inner.Run() in /src/Inner.cs:line 3
   --- End of inner exception stack trace ---
   at Shop.Outer.Run() in /src/Outer.cs:line 9`

const goStack = `goroutine 7 [running]:
runtime/debug.Stack()
	/usr/local/go/src/runtime/debug/stack.go:26 +0x64
example.com/shop.(*Cart).Pay(0xc000012345, {0x1, 0x2})
	/src/shop/cart.go:81 +0x1d
example.com/shop.windows()
	C:/src/shop/win.go:9 +0x1d
created by example.com/shop.Run in goroutine 1
	/src/shop/main.go:14 +0x5`

const goPanic = `panic: runtime error: index out of range [5] with length 3

goroutine 1 [running]:
main.pick(...)
	/src/main.go:8
main.main()
	no place here
goroutine 2 [xrunning]:
goroutine 3 [select, running, locked to thread]:
main.worker()
	/src/worker.go:99999999999999999999 +0x1
`
