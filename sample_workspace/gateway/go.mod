module parcel.example/gateway

go 1.22
